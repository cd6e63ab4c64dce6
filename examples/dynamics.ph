-- Dynamics: the kick pushes the pad aside, the drums are glued, the master is caught.
tempo: 0.5

~kick  $ s "bd*4" # gain 0.8
~snare $ s "~ sn ~ [sn ~ sn:1 ~]" # gain 0.6
~hats  $ s "hh*16" # gain "0.3 0.15 0.2 0.15"
~glue  $ ~kick + ~snare + ~hats # compressor (-18) 3 0.005 0.12 3   -- threshold dB, ratio, attack, release s, makeup dB
~chord $ supersaw 110 0.3 + supersaw 164.81 0.3 + supersaw 261.63 0.3 # lpf 1200 0.8
~pad   $ sidechain_compressor ~chord ~kick (-30) 8 0.003 0.15       -- ducks under every kick
~perc  $ s "rim(5,8)" # gain 0.3 # transient_shaper 6 (-12)        -- more snap, less tail
~break $ s "conga*4" # gain 0.3 # expander (-30) 2 0.005 0.1         -- what is loud, louder

out $ ~glue * 0.6 + ~pad * 0.3 + ~perc + ~break * 0.2 # limiter 0.8 0.005 0.1

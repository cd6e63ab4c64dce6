-- Swing and groove: the same straight eighths and sixteenths, moved off the grid.
bpm: 96

~kick  $ s "bd ~ ~ bd ~ ~ bd ~"
~snare $ s "~ sn ~ sn" $ late 0.01 # gain 0.7         -- a little behind the beat
~hats  $ s "hh*8" $ swing 0.16 # gain "0.35 0.2"      -- every second one late: 66 to 34
~shake $ s "shaker*16" $ groove "mpc" 0.5 # gain "0.25 0.12 0.2 0.12" # pan 0.4
~rim   $ s "~ ~ rim ~ ~ rim ~ rim" # nudge 0.01 # gain 0.3
~bass  $ note "c2 ~ [~ c2] eb2 ~ f2 [~ g2] bb1" $ swingBy (1/3) 4 # s "~sub" # legato 0.8
~sub   $ saw # lpf 420 1.2 * 0.4

out $ ~kick + ~snare + ~hats + ~shake + ~rim + ~bass

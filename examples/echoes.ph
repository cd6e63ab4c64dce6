-- Transforms of events: echoes, layers and mirrors that are notes of their own, not effects.
tempo: 0.45

~kick  $ s "bd ~ ~ bd ~ bd ~ ~"
~clap  $ stut 3 0.125 0.5 $ (s "~ cp" # gain 0.6)   -- three in all, each half as loud; # binds last, hence the ( )
~perc  $ jux rev $ s "rim ~ lt [ht rim]" # gain 0.4               -- as it is left, backwards right
~chime $ off 0.125 (# gain 0.3) $ note "c5 g5 <eb5 d5> bb4" # s "~glass" # ar 0.002 0.5   -- and a softer copy
~pluck $ superimpose (fast 2) $ note "<c3 ab2> ~ eb3 ~" # s "~string" # ar 0.002 0.25
~roll  $ ply "<1 2 4>" $ s "hh*4" # gain 0.25 # pan 0.3
~glass $ sine * 0.25
~string $ saw # lpf 1200 2 * 0.25

out $ (~kick + ~clap + ~perc + ~chime + ~pluck + ~roll) * 0.8

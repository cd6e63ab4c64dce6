-- Chance: every draw follows from the time alone, so the piece is the same whenever it is played.
tempo: 0.5

~kick  $ s "bd ~ ~ bd? ~ bd ~ bd?0.3"                       -- ? plays or not
~hats  $ degradeBy 0.3 $ s "hh*16" # gain (rand * 0.2 + 0.1) # pan (rand * 1.6 - 0.8)
~snare $ sometimesBy 0.3 (# speed 2) $ s "~ sn ~ [sn | ~ sn:1 | cp]" # gain 0.6   -- one of three
~tune  $ note (irand 8 $ segment 8) # scale "minPent" # s "~keys" # ar 0.002 0.3    -- eight draws a cycle
~chord $ note (choose ["c4'min7", "ab3'maj7", "bb3'6"]) # s "~pad" # legato 1 # gain 0.5
~toms  $ someCyclesBy 0.5 (# gain 0) $ scramble 4 $ (s "lt mt ht ht" # gain 0.35)
~keys  $ tri * 0.2
~pad   $ saw # lpf 900 * 0.2

out $ (~kick + ~hats + ~snare + ~tune + ~chord + ~toms) * 0.8 # reverb 0.4 0.5 0.1

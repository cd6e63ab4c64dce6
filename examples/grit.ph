-- Effects of events: each hit has its own bits, vowel and shape, chosen where it starts.
tempo: 0.55

~kick  $ s "bd ~ bd bd" # shape "0.6 0 0 0.3" # gain 0.6       -- driven on the one
~snare $ s "~ sn ~ sn:1" # crush "16 5 16 4" # gain 0.5        -- four bits: fifteen levels
~hats  $ s "hh*8" # coarse "<1 4 8 12>" # gain 0.25             -- every n-th frame, held
~talk  $ n "0 0 3 [5 3]" # s "~saw" # vowel "a e i <o u>" # legato 0.9 # gain 2
~saw   $ saw 110
~bells $ s "arpy(5,8)" # squiz "<2 3 4>" # gain 0.2 # pan 0.4
~tail  $ s "~ ~ ~ oh" # crush 4 # coarse 6 # gain 0.2 # pan -0.4

out $ ~kick + ~snare + ~hats + ~talk * 0.3 + ~bells + ~tail # reverb 0.3 0.5 0.08

-- Envelopes of events: every note is shaped from its own onset on.
tempo: 0.5

~stab  $ note "c4'min ~ [~ eb4'maj] ~" # s "~saw" # ar 0.002 0.12       -- attack, release
~pad   $ note "<c3'min7 ab2'maj7>" # s "~soft" # adsr 0.4 0.3 0.6 0.5   -- held as long as the event is
~swell $ note "~ ~ g5 ~" # s "~tri" # segments "0 1 0.2 0" "0.15 0.05 0.4" # pan 0.4   -- levels and times
~pluck $ note "[c5 g4 eb5 ~]*2" # s "~tri" # attack 0.001 # hold 0.02 # release 0.15 # pan -0.4
~bass  $ note "c2 c2 ~ eb2" # s "~saw" # legato "<0.9 0.3>" # release 0.02   -- long notes, then short ones
~hats  $ s "oh*8" # dur "0.03 0.03 0.2 0.03" # gain 0.25                 -- in seconds
~saw   $ saw # lpf 1400 * 0.2
~soft  $ saw # lpf 600 * 0.3
~tri   $ tri * 0.3

out $ ~stab + ~pad + ~swell + ~pluck + ~bass + ~hats + (s "bd*2" # gain 0.7) # reverb 0.3 0.5 0.08

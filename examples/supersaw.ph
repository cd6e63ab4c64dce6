-- Supersaw: seven sawtooths side by side; the wider the detune, the wider the pad.
tempo: 0.5

~super $ supersaw 220 0.4 7 # lpf 2200 0.8 * 0.7
~pad   $ note "<a3'min7 f3'maj7 c4'maj g3'sus4>" # s "~super" # adsr 0.3 0.4 0.7 0.6 # gain 0.5
~wide  $ ~pad # chorus 3 0.3 0.4 0.4                            -- voices, rate, depth, mix
~arp   $ note ("[a4 e5 c5 e5]*4" + "<0 -4 3 -2>") # s "~thin"        -- all of it moves with the chord
~thin  $ supersaw 440 0.15 3 # hpf 400
~hook  $ (supersaw "<55 43.65 65.41 49>" 0.2 5) # lpf (sine 0.25 * 300 + 500) 1.5 * 0.35   -- the bass drones
~pump  $ saw 2 * 0.4 + 0.6                                        -- swells behind every kick: a side-chain without one
~beat  $ s "superkick*4" # note "g1" # gain 0.6

out $ (~wide * 0.4 + ~hook) * ~pump + ~beat

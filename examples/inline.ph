-- Inline voices: notes given to a generator play it, a fresh copy for every note.
tempo: 0.5

~bass  $ saw "c2 ~ c2 [eb2 g1]" 0.005 0.2 0.4 0.1 # lpf 600 1.5 * 0.45  -- attack, decay, sustain, release
~keys  $ tri # note "<c4'min7 ab3'maj7>*2" # ar 0.005 0.5 # gain 0.5     -- one voice for each note of a chord
~lead  $ (saw + square 131) # lpf 1600 2 # note "g4 ~ <bb4 c5> [~ eb5]" # ar 0.01 0.3 # gain 0.2 # pan 0.3
~arp   $ synth "c5 eb5 g5 bb5 c6 bb5 g5 eb5" square 0.002 0.08 0 0.02 # gain 0.12 # pan -0.3
~drone $ sine "55 55 55 51.91" * 0.15                                    -- numbers are Hz: one tone that steps
~drums $ s "bd ~ bd ~, ~ cp:1, hh*8" # gain "0.7 0.4 0.5 0.4"

out $ (~bass + ~keys + (~lead # delay 0.375 0.3 0.2) + ~arp + ~drone + ~drums) * 0.7

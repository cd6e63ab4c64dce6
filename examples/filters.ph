-- Filters: the classic ones, the ladder that sings, and vowels.
tempo: 0.5

~acid   $ note "a1 a1 a2 a1 ~ c2 a1 <e2 g2>" # s "~ladder" # legato 0.7
~ladder $ saw # moog_ladder (line 2400 250) 0.75 * 0.5             -- 24 dB per octave, resonance 0 to 1
~choir  $ (saw 110 + saw 164.8 + saw 220.6) # vowel "<a e> <o u>" * 0.35   -- formants of a voice, in turn
~wind   $ noise # bpf (sine 0.125 * 600 + 1200) 12 * 0.06           -- a band that moves
~hats   $ s "hh*8" # gain 0.3 # hpf 5000                           -- above 5 kHz only
~beat   $ s "bd*4, ~ sn" # gain 0.6 # eq 60 4 1 400 (-6) 1 4000 3 1  -- three bands: Hz, dB, q
~bell   $ impulse 2 # resonz 1318.5 80 # comb 659.26 0.9 * 0.8      -- a click makes them ring

out $ ~acid + ~choir * 0.4 + ~wind + ~hats + ~beat + ~bell * 0.3 # reverb 0.3 0.5 0.08

-- Distortion: curves that bend, levels that are few, frames that are held.
tempo: 0.6

~bass  $ note "e1 e1 ~ e1 g1 ~ <a1 d2> ~" # s "~saw" # legato 0.7 # distort 6 0.8 * 0.3
~saw   $ saw # lpf 500 1.5 * 0.5
~lead  $ note "e4 ~ g4 <b4 a4>" # s "~tri" # ar 0.01 0.4 # shape 0.7 * 0.2    -- a round curve: odd harmonics
~tri   $ tri * 0.8
~kick  $ s "bd*4" * 1.2 # clip 0.3                               -- flat above 0.3
~hats  $ s "hh*8" # gain 0.3 # bitcrush 6 8000                     -- 64 levels, 8000 of them a second
~drone $ sine 82.41 * (sine 0.15 * 0.4 + 0.5) # distort 20 1 # lpf 1500 * 0.1
~snare $ s "~ sn" # gain 0.5 # decimator 6 0.5

out $ (~bass + ~lead + ~kick + ~hats + ~drone + ~snare) * 0.75 # reverb 0.2 0.6 0.06

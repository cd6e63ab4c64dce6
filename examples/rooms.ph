-- Rooms: from a small reverb to a plate, a cloud, and a response of your own.
tempo: 0.4

~beat  $ s "bd ~ [~ bd] ~, ~ sn" # gain 0.6 # reverb 0.2 0.7 0.15     -- size, damping, how much is added
~keys  $ note "<c5 eb5> ~ g4 ~" # s "~tri" # ar 0.002 0.3 # gain 0.5
~tri   $ tri * 0.4
~plate $ ~keys # plate 20 3 :mix 0.5                               -- 20 ms before it starts, 3 s long
~drops $ s "~ rim ~ [~ rim:2]" # gain 0.3 # reverb 0.95 0.2 0.5       -- a hall
~pad   $ (saw 65.41 + saw 130.9) # lpf 500 * 0.1 # lush 4 :mix 0.6     -- a slow cloud
~wash  $ s "~ ~ ~ cp" # gain 0.3 # diffuser 0.8                       -- smears what goes in
~stage $ s "hh*8" # gain 0.15 # convolve * 0.3                        -- early reflections of a stage

out $ ~beat + ~plate + ~drops + ~pad + ~wash + ~stage

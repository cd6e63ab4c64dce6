-- Stereo and outputs: o1, o2 ... are mix channels; solo 2 hears one alone, hush1 silences one.
tempo: 0.5
outmix: sqrt

~hat  $ s "hh*8" # gain 0.35 # pan "-0.8 -0.4 0.4 0.8"          -- each event has its place
~fly  $ saw 220 # lpf 1200 # pan (sine 0.25) * 0.12               -- a signal that wanders
~left $ s "lt ~ mt ~" # gain 0.5 # pan (-1)
~both $ juxBy 0.6 (# speed 1.02) $ s "arpy*2 arpy:4 ~" # gain 0.3   -- two copies, a little apart
~wide $ (saw 110 + saw 110.6) # lpf 600 * 0.15 # widener 2         -- one channel made two

o1 $ s "bd*4" # gain 0.8
o2 $ ~hat + ~left
o3 $ ~fly + ~wide
o4 $ ~both # reverb 0.5 0.5 0.15

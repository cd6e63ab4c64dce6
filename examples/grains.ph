-- Spectra and grains: sound taken apart and put together in another way.
tempo: 0.4

~harp   $ note "a3 e4 c5 <b4 g4>" # s "~string" # ar 0.001 0.8
~string $ pluck 220 0.3
~cloud  $ granular ~harp 80 0.6 1.5 * 0.5                         -- grains of 80 ms, a fifth higher
~hold   $ freeze (saw "110 130.8 98 82.4" # lpf 1500) (impulse 0.8) * 0.2   -- the spectrum of one moment stands
~robot  $ vocoder (s "bd sn:1 [bd bd] sn" # speed 1.2) (saw 110 + saw 165) 12   -- drums speak through saws
~up     $ ~harp # pitch_shift 12 * 0.3
~beat   $ s "~ rim ~ rim:1, hh*4" # gain 0.3

out $ ~harp * 0.3 + ~cloud + ~hold + ~robot * 0.8 + ~up + ~beat # reverb 0.6 0.4 0.1

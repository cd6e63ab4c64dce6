-- Subtractive synthesis: a bright wave, a filter that moves, an amplifier that shapes.
tempo: 0.5

~lfo  $ sine 0.125                                             -- a slow sweep: eight seconds
~freq $ saw "55 55 110 <82.41 65.41>"                           -- Hz: one oscillator whose pitch steps
~bass $ ~freq # lpf (~lfo * 500 + 800) 4 * 0.22
~seq  $ note "a3 c4 e4 a4 e4 c4 g4 e4" # s "~pluck" # legato 0.9
~pluck $ (saw + pulse 130.8 0.3) # lpf (line 3000 300) 3 * 0.22   -- the filter closes within each note
~air  $ noise # bpf (~lfo * 1500 + 2500) 6 * (sine 0.25 * 0.02 + 0.03)
~beat $ s "bd*4, ~ cp, [~ hh]*4" # gain 0.5

out $ (~bass + ~seq + ~air + ~beat) * 0.6 # reverb 0.3 0.5 0.08

-- Additive synthesis and wavetables: the amplitudes of the harmonics are a string.
tempo: 0.5

~organ $ additive 220 "1 0.6 0.4 0.3 0 0.2 0 0.15" * 0.7
~hollow $ additive 220 "1 0 0.33 0 0.2 0 0.14"                   -- odd ones alone: a clarinet
~pure  $ wavetable 440                                          -- one cycle of a table: a sine

~chord $ note "<a3'min f3'maj d3'min7 e3'min>" # s "~organ" # legato 1 # gain 0.4
~tune  $ note "e5 ~ c5 [b4 c5] ~ a4 <g4 b4> ~" # s "~hollow" # ar 0.02 0.4 # gain 0.25 # pan 0.3
~ping  $ note "a5(5,8,<0 1>)" # s "~pure" # ar 0.001 0.2 # gain 0.15 # pan -0.4
~drone $ additive 55 "1 0.5 0.3 0.25 0.2 0.15" * 0.2 # tremolo 4 0.3
~beat  $ s "bd ~ bd ~, ~ rim ~ [rim rim]" # gain 0.5

out $ ~chord + ~tune + ~ping + ~drone + ~beat # reverb 0.5 0.5 0.12

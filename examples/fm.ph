-- FM: one oscillator bends the phase of another; the ratio makes the tone, the index its brightness.
tempo: 0.5

~bell  $ fm 523.25 1831.4 (line 4 0) * 0.3                      -- ratio 3.5: a bell that mellows
~bass  $ fm 65.41 65.41 (line 5 0.5) * 0.5                      -- ratio 1: brass-like bass
~ep    $ fm 261.63 261.63 1.2 + fm 261.63 3662.8 (line 0.6 0)    -- ratio 14: a tine's click

~bells $ note "c6 ~ <g5 bb5> ~ eb6 ~ ~ <d6 f6>" # s "~bell" # ar 0.001 0.8 # pan (sine 0.3 * 0.5)
~low   $ note "c2 ~ c2 [~ eb2] ~ c2 g2 ~" # s "~bass" # legato 0.8
~keys  $ note "<c4'min7 ab3'maj7 f4'min7 g4'min7>(3,8)" # s "~ep" # ar 0.003 0.5 # gain 0.35
~beat  $ s "superkick ~ superkick ~, ~ supersnare, superhat*8" # gain "0.6 0.5 0.5 0.5"

out $ (~bells * 0.6 + ~low * 0.7 + ~keys * 0.6 + ~beat * 0.6) * 0.75 # reverb 0.4 0.5 0.1

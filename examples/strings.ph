-- Physical models: a burst of noise in a loop as long as a period is a string.
tempo: 0.5

~string $ pluck 220 0.4                                         -- damping: 0 rings, 1 is dull
~wire   $ waveguide 110 0.3 0.15 # hpf 60                        -- heard near its end: thin

~guitar $ note "a3 e4 <c4 b3> e4 a4 e4 <c4 d4> e4" # s "~string" # ar 0.001 1.2 # gain 0.5
~strum  $ note "<a3'min c4'maj>" # s "~string" $ stut 3 0.02 0.6 # ar 0.001 1.5 # gain 0.4 # pan 0.4
~bass   $ note "a1 ~ ~ a1 ~ e2 ~ <g1 c2>" # s "~wire" # ar 0.001 0.7 # gain 0.7
~drone  $ pluck "110 ~ 164.81 ~" 0.2 * 0.25                      -- plucked again where each number begins
~beat   $ s "~ conga ~ conga:1, shaker*8" # gain "0.4 0.3"

out $ (~guitar + ~strum + ~bass + ~drone + ~beat) * 0.7 # reverb 0.4 0.5 0.12

-- Gates and triggers: patterns and signals that switch other signals.
tempo: 0.5

~gate  $ gate "t(5,8)"                                         -- 1 while a step sounds
~bass  $ saw "55 65.41" # lpf 700 2 * (asr ~gate 0.005 0.08) * 0.3    -- attack, release
~clock $ impulse 8
~rand  $ latch noise ~clock                                    -- a new random value eight times a second
~bleep $ square (~rand * 300 + 600) * (~clock # env 0.001 0.06 0 0.01) * 0.12
~sine  $ sine 0.75
~high  $ ~sine # schmidt 0.5 (-0.5)                             -- on above 0.5, off below -0.5
~drone $ saw 110 # lpf 900 * ~high # lag 0.02 * 0.12
~sweep $ saw 55 # bpf (timer (impulse 1) * 1800 + 200) 4 * 0.1        -- seconds since the last impulse
~duck  $ 1 - (~kick # peak_follower 0.002 0.15) * 0.8
~kick  $ s "bd ~ ~ bd ~ ~ bd ~"

out $ (~bass + ~bleep + (~drone + ~sweep) * ~duck + ~kick * 0.6) * 0.9

-- Delays: time in seconds, how much comes round again, how much is heard.
bpm: 120

~beat  $ s "bd ~ ~ ~, ~ ~ sn ~" # gain 0.6
~dub   $ s "~ rim ~ ~" # gain 0.5 # delay 0.375 0.6 0.5           -- three sixteenths at this tempo
~ping  $ note "a4 ~ ~ e5" # s "~pluck" # pingpong 0.25 0.5 0.9      -- left, right, left ...
~pluck $ tri # lpf 2500 * 0.4
~tape  $ note "~ c3'min ~ ~" # s "~stab" # tapedelay 0.5 0.55 :mix 0.4   -- wow, flutter and a little dirt
~stab  $ saw # lpf 1200 * 0.25
~taps  $ s "~ ~ ~ cp" # gain 0.4 # multitap 0.125 4 0.3 0.5        -- four echoes, each softer
~comb  $ noise * (ad 0.001 0.03) # delay (1/110) 0.97 0.8 * 0.15    -- so short that it is a note: 110 Hz

out $ ~beat + ~dub + (~ping * 0.6) + (~tape * 0.7) + ~taps + ~comb

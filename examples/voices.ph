-- Bus voices: `s "~name"` plays a bus as an instrument; every event is a fresh copy of it.
tempo: 0.5

~bass  $ (saw 55 + saw 55.3) # lpf (line 2400 150) 2 * 0.3     -- the filter falls within each note
~pad   $ (saw 220 + saw 221.3 + tri 110) # lpf 900 * 0.12
~blip  $ fm 440 880 (line 3 0) * 0.25                          -- `line` runs over the length of the event

-- the first oscillator gets the note, the others keep their ratio to it
~low   $ note "a1 a1 ~ [c2 e2]" # s "~bass" # legato 0.8
~high  $ note "<a3'min f3'maj c4'maj g3'maj>" # s "~pad" # legato 1 # attack 0.1 # release 0.4
~seq   $ s "[~blip ~ ~blip*2 ~blip]*2" # note "a4 e5 <g5 c6> b4" # ar 0.001 0.15 # pan "-0.4 0.4"
~drums $ s "bd [~ bd] sn ~" # gain 0.7

out $ (~low + ~high + (~seq # delay 0.375 0.4 0.25) + ~drums) * 0.6

-- Pattern arithmetic: numbers and notes add up wherever their times overlap.
tempo: 0.5

~root $ "<0 0 5 3>"                              -- one number a cycle ...
~line $ n (~root + "0 7 12 [15 10]") # s "~keys" # ar 0.005 0.35   -- ... moves all the notes of a line
~fill $ n ("0 3 7 10" + "0 12") # s "~keys" # ar 0.005 0.2 # gain 0.5 # pan 0.5   -- an octave up in the second half
~high $ note ("c5 ~ g5 ~" |+ "<0 -2>") # s "~keys" # ar 0.005 0.35 # pan (-0.5)  -- |+ keeps the rhythm of its left side
~keys $ tri # lpf 1800 * 0.25
~bass $ saw (mtof (~root + 36)) # lpf 400 1.4 * 0.25
~kick $ s "bd*4" # gain ("0.9 0.7 0.8 0.6" * "<1 0.9>")   -- loudness is a pattern like any other
~hats $ s "hh*8" # gain "0.3 0.15" # speed ("1" + "0 0.1 0.2 0.3")

out $ (~line + ~fill + ~high + ~bass + ~kick + ~hats) * 0.8

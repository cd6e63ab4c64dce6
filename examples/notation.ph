-- Mini-notation: a string is one cycle, its steps share the time evenly.
tempo: 0.55

~kick  $ s "bd . bd*2 . ~ bd . bd"             -- dots make beats, *2 doubles a step
~snare $ s "~ sn ~ [sn ~ ~ sn:1]" # gain 0.7    -- [ ] puts several steps into one
~hats  $ s "hh!3 [hh hh] hh@2 oh _" # gain 0.3  -- ! repeats a step, @ and _ lengthen it
~tick  $ s "rim*8?0.6" # gain 0.25 # pan 0.5    -- ? drops events, here six of ten
~keys  $ note "<c5 e5 g5 b4>@3 <a4 d5>, <c4 a3>" # s "~bell" # ar 0.005 0.6  -- < > one item a cycle, the comma: at once
~bell  $ tri # lpf 2400 * 0.2

out $ (~kick + ~snare + ~hats + ~tick + ~keys) * 0.9

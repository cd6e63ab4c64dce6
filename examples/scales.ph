-- Scales and chords: degrees become notes of a scale, a quote after a root makes a chord.
tempo: 0.45

-- the second string moves the tune inside its scale
~tune  $ n ("0 2 4 <7 6> [4 2] ~ <-1 -3> 1" + "<0 0 3 -2>") # scale "dorian" # s "~reed" # ar 0.01 0.35
~chord $ note "<d3'min7 d3'min7 g3'dom7 c3'maj7'o>" # s "~pad" # legato 1    -- 'o opens the voicing, 'i inverts
~stab  $ n "<2 2 7 0>(3,8,1)" # chord "<min7 min7 dom7 maj7>" # s "~stabs" # legato 0.4 # pan 0.4
~bass  $ note "<d2 d2 g1 c2>!2" # s "~low" # legato 0.9
~reed  $ pulse 261.63 0.3 # lpf 1500 1.2 * 0.2
~pad   $ saw # lpf 700 * 0.22
~stabs $ square # lpf 1800 2 * 0.16
~low   $ tri * 0.4

out $ (~tune + ~chord + ~stab + ~bass + (s "bd ~ bd ~, ~ rim" # gain 0.6)) * 0.85 # reverb 0.3 0.6 0.1

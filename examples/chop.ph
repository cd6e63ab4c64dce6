-- One long sample, cut up: chop, striate, slice, splice. Put any loop in place of `ride` and `arpy`.
tempo: 0.5

~chop   $ s "ride ride:1" $ chop 4 # gain 0.35                -- each event in four pieces
~grains $ s "arpy arpy:3 arpy:5" $ striate 4 # gain 0.3 # pan -0.4  -- all first quarters, all second ones, ...
~slice  $ slice 8 "0 3 ~ 1 <5 6> 2 ~ 0" $ s "808oh" # gain 0.4 # pan 0.4   -- eighths, in this order
~splice $ splice 4 "0 2 <1 3> 0" $ s "ride:1" # gain 0.3      -- each stretched to fill its step
~back   $ s "~ ~ ~ arpy:7" # speed -1 # gain 0.3              -- backwards
~kick   $ s "bd*2"
~snare  $ s "~ sn" # gain 0.5

out $ ~chop + ~grains + ~slice + ~splice + ~back + ~kick + ~snare # reverb 0.3 0.6 0.1

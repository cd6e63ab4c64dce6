-- Conditions: what happens in some cycles only, or to some of the events.
tempo: 0.6

~kick  $ every 4 (fast 2) $ s "bd ~ bd ~"                 -- cycles 0, 4, 8, ...
~snare $ whenmod 4 3 (ply 2) $ s "~ sn ~ sn" # gain 0.6    -- cycle 3 of each four
~hats  $ within 0.75 1 (fast 2) $ s "hh*8" # gain 0.25     -- in the last quarter of the cycle
~rim   $ chunk 4 (hurry 2) $ s "rim*4" # gain 0.4 # pan 0.5  -- a quarter more, another one in each cycle
~tom   $ every' 4 2 rev $ s "~ ~ lt [mt ht]" # gain 0.4 # pan -0.5   -- cycles 2, 6, 10, ...
~bass  $ foldEvery [2, 3] (rotL 0.25) $ note "c2 ~ g2 bb2" # s "~saw" # legato 0.7
~saw   $ saw # lpf 700 1.6 * 0.35

out $ (~kick + ~snare + ~hats + ~rim + ~tom + ~bass) * 0.75

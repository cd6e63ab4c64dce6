-- Euclidean rhythms: x(k,n,r) spreads k hits over n steps as evenly as it goes; r turns them.
tempo: 0.5

~kick  $ s "bd(3,8)"                                -- x..x..x.
~rim   $ s "rim(5,8,<0 2>)" # gain 0.5              -- turned by two steps in every other cycle
~bell  $ s "cb(7,16)" # gain 0.2 # speed 1.5 # pan 0.4
~shake $ s "shaker(-5,16)" # gain 0.4 # pan -0.4    -- below 0: the eleven rests of 5 in 16
~clap  $ s "~ cp" # gain 0.4
~bass  $ note "c2(<3 5>,8) eb2(3,8,<0 1>)" # s "~saw" # legato 0.8   -- any step may be spread
~saw   $ saw # lpf 700 2 * 0.35

out $ (~kick + ~rim + ~bell + ~shake + ~clap + ~bass) * 0.8

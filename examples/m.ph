-- Four voices: drums that double every fourth cycle, and a bass under a slow filter.
tempo: 0.5

~kick  $ s "bd*4"
~snare $ s "~ sn ~ <sn [sn sn]>" # gain 0.8
~hats  $ s "hh(5,8)" # gain "0.6 0.4 0.7" # pan "-0.5 0.5"
~lfo   # sine 0.25
~bass  $ saw "55 55 82.5 <110 73.4>" # lpf (~lfo * 900 + 1200) 1.4
~drums $ every 4 (fast 2) $ (~kick + ~snare + ~hats)
out    $ ~drums # reverb 0.4 0.6 0.2 + ~bass * 0.3

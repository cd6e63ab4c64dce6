-- Sample modifiers: which part of a recording plays, how fast, and for how long.
tempo: 0.45

~kick  $ s "bd:2*4" # gain "1 0.7 0.8 0.7"              -- word:2 is the third file of the folder
~hats  $ s "hh*2 oh hh*2 oh" # cut 1 # gain 0.3          -- a closed hat chokes the open one
~tune  $ s "arpy*8" # note "<0 0 5 3> 7 12 <10 15>" # gain 0.3 # legato 0.8   -- semitones up from the recording
~down  $ s "~ ~ ~ arpy:6" # speed (-0.5) # gain 0.35 # pan -0.5   -- backwards, an octave lower
~part  $ s "cr ~ ride ~" # begin 0.1 # end 0.35 # attack 0.05 # release 0.1 # gain 0.3 # pan 0.5
~fall  $ s "~ 808sd ~ 808sd" # accelerate (-0.4) # gain 0.5   -- its pitch sinks by four tenths
~loop  $ s "~ tamb ~ ~" # loop 1 # begin 0 # end 0.3 # gain 0.2    -- its first third, until the step ends
~one   $ slow 2 $ s "cr" # unit "c" # speed 1 # gain 0.15      -- as long as a cycle, whatever the tempo

out $ ~kick + ~hats + ~tune + ~down + ~part + ~fall + ~loop + ~one # reverb 0.3 0.5 0.1

-- SPDX-License-Identifier: GPL-3.0-or-later
-- TidalCycles in ghci, for phonond on this machine:  ghci -ghci-script scripts/BootTidal.hs
-- Editors' plugins for TidalCycles take it as their boot file.
:set -fno-warn-orphans -Wno-type-defaults -XOverloadedStrings
:set prompt ""
:set prompt-cont ""
import Sound.Tidal.Context
tidal <- startTidal superdirtTarget defaultConfig

:{
let hush = streamHush tidal
    once = streamOnce tidal
    setcps = once . cps
    resetCycles = streamResetCycles tidal
    mute = streamMute tidal
    unmute = streamUnmute tidal
    solo = streamSolo tidal
    unsolo = streamUnsolo tidal
    unmuteAll = streamUnmuteAll tidal
    unsoloAll = streamUnsoloAll tidal
    all = streamAll tidal
    setF = streamSetF tidal
    setS = streamSetS tidal
    xfade i = transition tidal True (xfadeIn 4) i
    d :: Int -> ControlPattern -> IO ()
    d i = streamReplace tidal (fromIntegral i) . (|< orbit (pure (i - 1)))
    d1 = d 1
    d2 = d 2
    d3 = d 3
    d4 = d 4
    d5 = d 5
    d6 = d 6
    d7 = d 7
    d8 = d 8
    d9 = d 9
    d10 = d 10
    d11 = d 11
    d12 = d 12
:}

:set prompt "tidal> "

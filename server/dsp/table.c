/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/table.c - unit id -> kernel, expanded from protocol/units.h.                        */
/* room: none; called when a definition is compiled.                                              */
#include "server/dsp/arith.h"
#include "server/dsp/sets.h"

/*
 * Units without a wide form, one NARROW_<Name> each: a delay line is read and written at another
 * place in every lane, so that lanes side by side gain nothing.
 */
#if LANE_W > 1
#define NARROW_TrigSampler , , 0
#define NARROW_PitchShift , , 0
#define NARROW_Pitch , , 0
#define NARROW_GrainIn , , 0
#define NARROW_GrainSin , , 0
#define NARROW_GrainFM , , 0
#define NARROW_BufDelayN , , 0
#define NARROW_BufDelayL , , 0
#define NARROW_BufDelayC , , 0
#define NARROW_BufCombN , , 0
#define NARROW_BufCombL , , 0
#define NARROW_BufCombC , , 0
#define NARROW_BufAllpassN , , 0
#define NARROW_BufAllpassL , , 0
#define NARROW_BufAllpassC , , 0
#define NARROW_DelTapWr , , 0
#define NARROW_DelTapRd , , 0
#define NARROW_Ball , , 0
#define NARROW_TBall , , 0
#define NARROW_Spring , , 0
#define NARROW_GrainBuf , , 0
#define NARROW_TGrains , , 0
#define NARROW_Warp1 , , 0
#define NARROW_GVerb , , 0
#define NARROW_Pluck , , 0
#define NARROW_DelayN , , 0
#define NARROW_DelayL , , 0
#define NARROW_DelayC , , 0
#define NARROW_CombN , , 0
#define NARROW_CombL , , 0
#define NARROW_CombC , , 0
#define NARROW_AllpassN , , 0
#define NARROW_AllpassL , , 0
#define NARROW_AllpassC , , 0
#define NARROW_Echo , , 0
#define NARROW_FreeVerb , , 0
#define NARROW_FreeVerb2 , , 0
#define NARROW_MultiTap , , 0
#define NARROW_PingPong , , 0
#define NARROW_TapeDelay , , 0
#define NARROW_Plate , , 0
#define NARROW_Lush , , 0
#define NARROW_Diffuser , , 0
#define NARROW_PluckedString , , 0
#define NARROW_Waveguide , , 0
#define NARROW_Granular , , 0
#define NARROW_GrainShift , , 0
#define NARROW_Convolve , , 0
#define NARROW_SpectralFreeze , , 0
#define NARROW_Limiter , , 0
#define NARROW_SafetyLimiter , , 0
#define NARROW_PeakLimiter , , 0
#define NARROW_PitchTrack , , 0
#define NARROW_CombHz , , 0
#define NARROW_RunningRms , , 0
#define NARROW_Squeeze , , 0
#define NARROW_RunningSum , , 0
#define NARROW_RandSeed , , 0
#define NARROW_FeedbackIn , , 0
#define NARROW_GateEnv , , 0
#define NARROW_Tap , , 0
#define NARROW_Gendy1 , , 0
#define NARROW_Gendy2 , , 0
#define NARROW_Gendy3 , , 0
#define NARROW_DiskIn , , 0
#define NARROW_VDiskIn , , 0
#define NARROW_DiskOut , , 0
#define NARROW_LocalBuf , , 0
#define NARROW_MaxLocalBufs , , 0
#define NARROW_LocalIn , , 0
#define NARROW_LocalOut , , 0
#define NARROW_SendTrig , , 0
#define NARROW_SendReply , , 0
#define NARROW_SendPeakRMS , , 0
#define NARROW_Poll , , 0
#define NARROW_Demand , , 0
#define NARROW_Duty , , 0
#define NARROW_TDuty , , 0
#define NARROW_DemandEnvGen , , 0
#define NARROW_Dseries , , 0
#define NARROW_Dgeom , , 0
#define NARROW_Dwhite , , 0
#define NARROW_Diwhite , , 0
#define NARROW_Dbrown , , 0
#define NARROW_Dibrown , , 0
#define NARROW_Dseq , , 0
#define NARROW_Dser , , 0
#define NARROW_Drand , , 0
#define NARROW_Dxrand , , 0
#define NARROW_Dshuf , , 0
#define NARROW_Dwrand , , 0
#define NARROW_Dswitch1 , , 0
#define NARROW_Dswitch , , 0
#define NARROW_Dstutter , , 0
#define NARROW_Ddup , , 0
#define NARROW_Dconst , , 0
#define NARROW_Dreset , , 0
#define NARROW_Dbufrd , , 0
#define NARROW_Dbufwr , , 0
#define NARROW_PV_MagAbove , , 0
#define NARROW_PV_MagBelow , , 0
#define NARROW_PV_MagClip , , 0
#define NARROW_PV_LocalMax , , 0
#define NARROW_PV_MagSquared , , 0
#define NARROW_PV_MagNoise , , 0
#define NARROW_PV_PhaseShift90 , , 0
#define NARROW_PV_PhaseShift270 , , 0
#define NARROW_PV_Conj , , 0
#define NARROW_PV_MagSmear , , 0
#define NARROW_PV_MagShift , , 0
#define NARROW_PV_BinShift , , 0
#define NARROW_PV_BrickWall , , 0
#define NARROW_PV_RectComb , , 0
#define NARROW_PV_RectComb2 , , 0
#define NARROW_PV_PhaseShift , , 0
#define NARROW_PV_ConformalMap , , 0
#define NARROW_PV_Add , , 0
#define NARROW_PV_Mul , , 0
#define NARROW_PV_Div , , 0
#define NARROW_PV_MagMul , , 0
#define NARROW_PV_Max , , 0
#define NARROW_PV_Min , , 0
#define NARROW_PV_CopyPhase , , 0
#define NARROW_PV_Copy , , 0
#define NARROW_PV_MagDiv , , 0
#define NARROW_PV_BinWipe , , 0
#define NARROW_PV_RandComb , , 0
#define NARROW_PV_RandWipe , , 0
#define NARROW_PV_BinScramble , , 0
#define NARROW_PV_Diffuser , , 0
#define NARROW_PV_MagFreeze , , 0
#define NARROW_RecordBuf , , 0
#define NARROW_BufWr , , 0
#define NARROW_SetBuf , , 0
#define NARROW_ClearBuf , , 0
#define NARROW_ScopeOut , , 0
#define NARROW_ScopeOut2 , , 0
#define NARROW_Convolution , , 0
#define NARROW_Convolution2 , , 0
#define NARROW_Convolution2L , , 0
#define NARROW_StereoConvolution2L , , 0
#define NARROW_Convolution3 , , 0
#define NARROW_FFT , , 0
#define NARROW_IFFT , , 0
#define NARROW_XOut , , 0
#define NARROW_SpecCentroid , , 0
#define NARROW_SpecFlatness , , 0
#define NARROW_SpecPcile , , 0
#define NARROW_Loudness , , 0
#define NARROW_Onsets , , 0
#define NARROW_Done , , 0
#define NARROW_FreeSelfWhenDone , , 0
#define NARROW_PauseSelfWhenDone , , 0
#define NARROW_FeedbackOut , , 0
#define NARROW_Normalizer , , 0
#define NARROW_Median , , 0
#endif

/* HAS(Name): 0, the third part of NARROW_Name, where that is defined, else the 1 put after it. */
#define THIRD(a, b, c, ...) c
#define PROBE(...) THIRD(__VA_ARGS__, 1, 1, )
#define HAS(name) PROBE(NARROW_##name)
#define PICK_(kind, has) kind##has
#define PICK(kind, has) PICK_(kind, has)

#define DECLARE_1(name) extern const struct dsp_unit DSP(dsp_##name);
#define DECLARE_0(name)
#define DECLARE(id, name, outputs, rates, ...) PICK(DECLARE_, HAS(name))(name)
PH_UNITS(DECLARE, )

#define ENTRY_1(name) &DSP(dsp_##name)
#define ENTRY_0(name) NULL
#define ENTRY(id, name, outputs, rates, ...) [PH_UNIT_##id] = PICK(ENTRY_, HAS(name))(name),
static const struct dsp_unit *const kernels[PH_UNIT_COUNT] = { PH_UNITS(ENTRY, ) };

const struct dsp_unit *DSP(dsp_unit)(enum ph_unit unit, int16_t special)
{
    if (unit == PH_UNIT_BINARY_OP)
        return DSP(dsp_binary_op)(special);
    if (unit == PH_UNIT_UNARY_OP)
        return DSP(dsp_unary_op)(special);
    return (unsigned)unit < PH_UNIT_COUNT ? kernels[unit] : NULL;
}

using LocalPv.Sim.Checking.Liveness;
using LocalPv.Sim.Checking.Safety;

namespace LocalPv.Sim.Checking;

/// <summary>Every invariant there is.</summary>
internal static class AllRules
{
    /// <summary>One of each, new for one run; <paramref name="view"/> is what the extender has heard in it.</summary>
    internal static IReadOnlyList<Rule> Create(ExtenderView view) =>
    [
        new S01NoGroupIsOvercommitted(),
        new S02PromisesAreKept(view),
        new S03OneVolumePerClaim(),
        new S04VolumesNameTheirNode(),
        new S05SizesHold(),
        new S06NoDataIsLost(),
        new S07OnlyOurOwnIsTouched(),
        new S08NoUsedDiskIsTaken(),
        new S09TenantsAreIsolated(),
        new S10ContentIsNeverErased(),
        new S11NothingIsMadeAgain(),
        new S12ClaimsAreGivenBackWithCare(),
        new S13VolumesAreBacked(),
        new S14NothingIsForgotten(),
        new S15RetainedDataStays(),
        new S16NoUpdateIsLost(),
        new S17ReportsAreTrue(),
        new S18ReportsGoForward(),
        new S19AnswersAreWellFormed(),
        new S20AdmittedPodsFit(view),
        new S21ReservationsEnd(view),
        new S22TwoLeadersDoNoHarm(),
        new S23DoubtIsResolvedFirst(),
        new S24FinalizersComeFirst(),
        new S25NamesAreNotIdentities(),
        new S26OneChangeAtATime(),
        new L01PodsThatFitRun(view),
        new L02ThenThereIsSilence(),
        new L03DeletionsEnd(),
        new L04OrphansAreReclaimed(),
        new L05ViewsConverge(view),
        new L06WaitingPodsAreWoken(view),
        new L07NobodyWaitsForTheLost(),
        new L08CopiesRecover(view),
        new L09BegunWorkEnds(),
        new L10SomebodyLeads(),
        new L11OthersAreNotDelayed(),
        new L12OneHangStopsNobodyElse(),
        new L13MissingDisksAreReported(),
        new L14NothingOutlivesItsNode(),
        new L15ClassesAreServed(),
    ];
}

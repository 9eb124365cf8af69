namespace PciBus.Management.Drain;

/// <summary>What a plan goes by when it guesses how long devices are away. Nothing else does.</summary>
/// <param name="HotPlug">To detach and attach them.</param>
/// <param name="BytesPerSecond">How fast RAM is copied.</param>
internal sealed record MoveEstimates(TimeSpan HotPlug, long BytesPerSecond)
{
    public TimeSpan AbsenceOf(MovingVm vm) => HotPlug + TimeSpan.FromSeconds(Math.Ceiling((double)vm.Ram / BytesPerSecond));
}

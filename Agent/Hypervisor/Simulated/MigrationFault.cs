using System.Text.Json.Serialization;

namespace PciBus.Agent.Hypervisor.Simulated;

/// <summary>What goes wrong with one migration away from a simulated host.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<MigrationFault>))]
internal enum MigrationFault
{
    None,

    /// <summary>The migration breaks while memory is carried over; the destination's domain ends, the source's runs on.</summary>
    FailsBeforeSwitch,

    /// <summary>As before, but the link is cut: the destination keeps a paused, incoming domain.</summary>
    LeavesIncoming,

    /// <summary>The source is suspended, and then resumed, as the destination could not take over.</summary>
    FailsAtSwitch,

    /// <summary>The destination runs, and the source could not hear it: the source keeps its domain, paused.</summary>
    StaysOnBothSides,

    /// <summary>The caller's connection breaks at once, the migration goes on and succeeds.</summary>
    LosesConnection,

    /// <summary>The guest writes faster than memory can be carried over: the migration goes on until it is aborted.</summary>
    NeverConverges,

    /// <summary>As before, and a caller who asks to abort is never answered.</summary>
    AbortHangs,
}

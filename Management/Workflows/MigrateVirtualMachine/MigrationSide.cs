using Newtonsoft.Json;
using PciBus.Management.VirtualMachines;

namespace PciBus.Management.Workflows.MigrateVirtualMachine;

/// <summary>
/// What is known of the virtual machine on one side of its migration. A host's word holds for the session in which it was said.
/// </summary>
internal sealed record MigrationSide
{
    /// <summary>0 before it is known.</summary>
    public long HostId { get; init; }

    public HostWord Word { get; init; }

    /// <summary>Session in which the host gave that word.</summary>
    public long Session { get; init; }

    /// <summary>The virtual machine runs there, and devices that it owns there are not in its domain.</summary>
    public bool Lacks { get; init; }

    /// <summary>The host's word that the virtual machine is off there; null when the host has not said so.</summary>
    [JsonConverter(typeof(EvidenceConverter))]
    public OffEvidence? Off { get; init; }

    /// <summary>The evidence, if there is any.</summary>
    [JsonIgnore]
    public OffEvidence[] Evidence => Off is null ? [] : [Off];

    /// <summary>Forgets what is known of this side.</summary>
    public MigrationSide Forget() => new() { HostId = HostId };

    public MigrationSide Says(HostWord word, long session) => Forget() with { Word = word, Session = session };

    public MigrationSide Says(Answered answer) => Says(HostWords.Of(answer), answer.Session) with { Lacks = answer.LacksDevices };

    public MigrationSide SaysOff(OffEvidence evidence) => Says(HostWord.Off, evidence.Session) with { Off = evidence };

    /// <summary>
    /// What still holds of it: a host that has begun another session since must be asked again, and a host that is Down has no word.
    /// </summary>
    public MigrationSide Now(WorkflowFacts facts)
    {
        var session = facts.SessionOf(HostId);
        if (facts.IsDown(HostId)) return Says(HostWord.Down, session);
        return Word == HostWord.Unknown || Session == session ? this : Forget();
    }
}

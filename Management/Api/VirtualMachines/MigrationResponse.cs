using System.ComponentModel;
using Newtonsoft.Json;
using PciBus.Contracts.VirtualMachines;
using PciBus.Management.Workflows.MigrateVirtualMachine;

namespace PciBus.Management.Api.VirtualMachines;

/// <summary>How far a migration is.</summary>
[ApiResponse("migration")]
internal sealed class MigrationResponse
{
    [JsonProperty("step"), Description("Preparing, Migrating, AskingSource, AskingDestination, EndingSource or Attaching")]
    public MigrateStep Step { get; init; }

    [JsonProperty("stepstarted"), Description("when that step began")]
    public DateTimeOffset StepStarted { get; init; }

    [JsonProperty("sourcehostid"), Description("the host it comes from")]
    public Guid? SourceHostId { get; init; }

    [JsonProperty("destinationhostid"), Description("the host it goes to")]
    public Guid? DestinationHostId { get; init; }

    [JsonProperty("agentstep"), Description(
        "what that host is doing, by its last word: Checking, Detaching, Migrating, Reattaching, Attaching or Cleaning")]
    public CommandStep? AgentStep { get; init; }

    [JsonProperty("agentstepstarted"), Description("when it began to")]
    public DateTimeOffset? AgentStepStarted { get; init; }

    [JsonProperty("memorytotal"), Description("RAM in bytes that has to be carried over")]
    public long? MemoryTotal { get; init; }

    [JsonProperty("memoryremaining"), Description("of that, what is left; it may grow while the guest writes")]
    public long? MemoryRemaining { get; init; }

    [JsonProperty("cancelled"), Description("why it is being given up")]
    public string? Cancelled { get; init; }

    [JsonProperty("pcidevice"), Description("what has happened to each device")]
    public IReadOnlyList<MigrationPciDeviceResponse> PciDevices { get; init; } = [];
}

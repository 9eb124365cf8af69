using System.ComponentModel;
using Newtonsoft.Json;
using PciBus.Management.Hosts.Maintenance;
using PciBus.Management.VirtualMachines;

namespace PciBus.Management.Api.Maintenance;

[ApiResponse("virtualmachine")]
internal sealed class PlannedMoveResponse
{
    [JsonProperty("id"), Description("the virtual machine's id")]
    public Guid Id { get; init; }

    [JsonProperty("name"), Description("its name")]
    public required string Name { get; init; }

    [JsonProperty("state"), Description("its state; when it is Starting or Migrating, it is planned for as if it was Running")]
    public VirtualMachineState State { get; init; }

    [JsonProperty("outcome")]
    [Description(
        "Live: it moves without interruption; DetachAttach: it moves, and is without its PCI devices meanwhile; "
            + "Leaves: it is leaving already; Waits: others must leave first; Cannot: it cannot move")]
    public MoveOutcome Outcome { get; init; }

    [JsonProperty("destinationhostid"), Description(
        "where it goes, at once or when those that it waits for have left, who are leaving already")]
    public Guid? DestinationHostId { get; init; }

    [JsonProperty("destinationhostname"), Description("name of that host")]
    public string? DestinationHostName { get; init; }

    [JsonProperty("absence"), Description("about how many seconds it is without its PCI devices: a guess by its RAM and maintenance.speed")]
    public int? Absence { get; init; }

    [JsonProperty("waitsfor"), Description("the virtual machines that must leave first")]
    public required IReadOnlyList<AwaitedVmResponse> WaitsFor { get; init; }

    [JsonProperty("reasons"), Description(
        "why no host has room for it, hosts with the same reason together; left: what is free when this plan has been followed")]
    public required IReadOnlyList<string> Reasons { get; init; }

    [JsonProperty("step"), Description(
        "while the host is being emptied: Planned, Waiting, ToBeStopped, Migrating, Stopping, or Failed until it is tried again")]
    public string? Step { get; init; }

    [JsonProperty("attempts"), Description("while the host is being emptied: how often it was tried")]
    public int? Attempts { get; init; }

    [JsonProperty("why"), Description(
        "while the host is being emptied: why it is still there, when outcome, waitsfor and reasons do not say so")]
    public string? Why { get; init; }
}

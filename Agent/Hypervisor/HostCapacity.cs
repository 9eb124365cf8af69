namespace PciBus.Agent.Hypervisor;

/// <summary>What the host has.</summary>
/// <param name="Cpus">Logical processors.</param>
/// <param name="Speed">Speed of one processor in MHz.</param>
/// <param name="Memory">RAM in bytes.</param>
internal sealed record HostCapacity(int Cpus, long Speed, long Memory);

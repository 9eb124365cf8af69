namespace PciBus.Management.Jobs;

/// <summary>What a job is about, by which it is known who ends it. A job that nobody ends would be in progress for ever.</summary>
internal enum JobInstanceType
{
    [JobEnd("its workflow, or the transaction that began it", "workflow.orphans")]
    VirtualMachine,

    [JobEnd("the answer of the device's host", "device.jobs")]
    PciDevice,

    [JobEnd("the host's announcement, the end of its maintenance, or the transaction that began it", "host.reconnects", "host.maintenance")]
    Host,
}

namespace PciBus.Management.Events;

/// <summary>CloudStack's event levels.</summary>
internal enum EventLevel
{
    INFO,
    WARN,
    ERROR,
}

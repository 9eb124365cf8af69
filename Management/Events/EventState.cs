namespace PciBus.Management.Events;

/// <summary>CloudStack's event states: where in an operation the event stands.</summary>
internal enum EventState
{
    Created,
    Scheduled,
    Started,
    Completed,
}

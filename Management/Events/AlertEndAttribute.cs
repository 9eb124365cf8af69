namespace PciBus.Management.Events;

/// <summary>
/// Says how alerts of a type end. One that stands holds back the next one like it, so that each type needs an end. Whatever a type
/// says, an operator ends an alert with archiveAlerts or deleteAlerts; one whose cause lasts is raised anew when that is next looked at.
/// </summary>
/// <param name="when">Goes on after "It ends when", for operators.</param>
[AttributeUsage(AttributeTargets.Field)]
internal sealed class AlertEndAttribute(string when) : Attribute
{
    public string When => when;

    /// <summary>It tells of something that has happened: nobody looks at it again but an operator.</summary>
    public bool ByOperator { get; init; }
}

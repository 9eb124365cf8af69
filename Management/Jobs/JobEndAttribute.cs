namespace PciBus.Management.Jobs;

/// <summary>Says who ends jobs about a kind of thing.</summary>
/// <param name="by">Who does, as a rule.</param>
/// <param name="nets">The reconciliation jobs that end those that nobody else has ended.</param>
[AttributeUsage(AttributeTargets.Field)]
internal sealed class JobEndAttribute(string by, params string[] nets) : Attribute
{
    public string By => by;

    public IReadOnlyList<string> Nets => nets;
}

using PciBus.Management.Events;

namespace PciBus.Tests.Support;

/// <summary>The test has an alert of a type raised, and shows that it ends as its type says.</summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
internal sealed class ShowsEndOfAttribute(AlertType type) : Attribute
{
    public AlertType Type => type;
}

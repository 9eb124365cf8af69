namespace PciBus.Management.VirtualMachines;

/// <summary>Domains that hosts run and PciBus does not know, as the alerts about them name them.</summary>
internal static class UnknownDomains
{
    private const string Runs = " runs the domain ";
    private const string Unknown = ", which PciBus does not know";

    /// <summary>The subject of the alert about an unknown domain.</summary>
    public static string Subject(string hostName, string domainName) => $"{hostName}{Runs}{domainName}{Unknown}";

    /// <summary>Text in the subjects of the alerts about domains whose name begins like this.</summary>
    public static string Mention(string nameBegins) => Runs + nameBegins;

    /// <summary>
    /// A name that no unknown domain has: the wanted name, or that name with a number. Whatever made such a domain, an earlier database of
    /// PciBus or somebody by hand, its host would refuse another domain of its name.
    /// </summary>
    /// <param name="wanted">The name.</param>
    /// <param name="subjects">Of the standing alerts with a <see cref="Mention"/> of it.</param>
    public static string FreeName(string wanted, IReadOnlyList<string> subjects)
    {
        var name = wanted;
        for (var number = 2; IsTaken(name); number++) name = $"{wanted}-{number}";
        return name;

        bool IsTaken(string one) => subjects.Any(subject => subject.EndsWith(Subject("", one), StringComparison.Ordinal));
    }
}

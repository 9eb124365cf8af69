using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Build;

/// <summary><c>THIRD-PARTY-NOTICES</c> names every package that is shipped; <c>build/notices</c> writes it anew.</summary>
public sealed class ThirdPartyNoticesTests
{
    private static readonly HashSet<string> Allowed = ["Apache-2.0", "Apache-2.0 OR MPL-2.0", "MIT", "BSD-2-Clause", "BSD-3-Clause", "PostgreSQL"];

    /// <summary>Packages whose licence is a file, with what was found in it.</summary>
    private static readonly Dictionary<string, string> Exceptions = new()
    {
        ["Microsoft.Data.SqlClient.SNI.runtime"] =
            "MICROSOFT SOFTWARE LICENSE: native part of the SQL Server client for Windows, may be distributed with programs that use it",
    };

    [Fact]
    public void Notices_AreCurrent() => Approved.Check(Checkout.PathOf("THIRD-PARTY-NOTICES"), Text());

    [Fact]
    public void EveryShippedPackage_HasALicenceThatIsAllowed()
    {
        var forbidden = ShippedPackage.All
            .Where(package => package.Licence is null ? !Exceptions.ContainsKey(package.Name) : !Allowed.Contains(package.Licence))
            .Select(package => $"{package.Name} {package.Version}: {package.Licence ?? "no licence expression"}");
        Assert.Empty(forbidden);
    }

    [Fact]
    public void Exception_IsNeeded() => Assert.All(
        Exceptions.Keys, name => Assert.Contains(ShippedPackage.All, package => package.Name == name && package.Licence is null));

    [Fact]
    public void Bus_StaysOnItsLastOpenLine() => Assert.StartsWith(
        "8.5.", ShippedPackage.All.Single(package => package.Name == "MassTransit").Version, StringComparison.Ordinal);

    private static string Text() => string.Concat(
        "PciBus is shipped with these packages; build/notices writes this file.\n\n",
        string.Concat(ShippedPackage.All.Select(package =>
            $"{package.Name} {package.Version}\n    {package.Licence ?? Exceptions.GetValueOrDefault(package.Name, "unknown")}\n")),
        "\nNot shipped: libvirt (LGPL-2.1-or-later). The agent loads the libvirt.so.0 of the host it runs on, where there is one.\n");
}

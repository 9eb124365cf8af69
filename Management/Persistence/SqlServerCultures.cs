using System.Globalization;

namespace PciBus.Management.Persistence;

/// <summary>
/// The client of SQL Server refuses to connect from a process that knows no cultures, and PciBus is built to know none: it needs no ICU and
/// compares text by its bytes. The environment overrides what the program was built with.
/// </summary>
internal static class SqlServerCultures
{
    public const string Variable = "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT";

    public const string Missing =
        "The client of SQL Server needs a process that knows cultures: install ICU (Debian's package is libicu72), "
        + $"and set {Variable}=0 in the environment";

    /// <summary>Whether this process knows cultures.</summary>
    public static bool AreKnown
    {
        get
        {
            try
            {
                return CultureInfo.GetCultureInfo("en-US").LCID > 0;
            }
            catch (CultureNotFoundException)
            {
                return false;
            }
        }
    }

    /// <summary>Called before the first connection. Text that is written stays the same everywhere.</summary>
    /// <exception cref="SchemaException">The process knows no cultures.</exception>
    public static void Require()
    {
        if (!AreKnown) throw new SchemaException(Missing);
        // The client asks what the program was built with, before it looks at what is in force.
        AppContext.SetSwitch("System.Globalization.Invariant", false);
        CultureInfo.DefaultThreadCurrentCulture = CultureInfo.InvariantCulture;
        CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
    }
}

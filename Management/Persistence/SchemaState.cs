namespace PciBus.Management.Persistence;

/// <summary>Which of the scripts of this program a database has, each named by its file.</summary>
/// <param name="Installed">In their order; scripts that this program does not know are among them.</param>
/// <param name="Pending">To be installed by an upgrade.</param>
/// <param name="Unknown">Installed by a newer program.</param>
internal sealed record SchemaState(IReadOnlyList<string> Installed, IReadOnlyList<string> Pending, IReadOnlyList<string> Unknown)
{
    /// <summary>The last script that is installed; null in an empty database.</summary>
    public string? Version => Installed.Count > 0 ? Installed[^1] : null;

    /// <exception cref="SchemaException">A newer program has been here; both versions are named.</exception>
    public void RequireKnown(string ours)
    {
        if (Unknown.Count > 0)
        {
            throw new SchemaException(
                $"The database is at {Version}, this program knows {ours} at most: run the program that upgraded the database, or restore "
                + "a backup from before that");
        }
    }
}

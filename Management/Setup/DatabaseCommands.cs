using System.CommandLine;
using Npgsql;
using PciBus.Management.Persistence;

namespace PciBus.Management.Setup;

/// <summary>What an operator does with the database: look at its schema, upgrade it, back it up.</summary>
internal static class DatabaseCommands
{
    public static IEnumerable<Command> Build(SettingsOptions settings)
    {
        var status = new Command("status", "Names the database's provider, its version and what an upgrade would install.");
        status.SetAction(result => Run(() => Status(Options(result))));
        var upgrade = new Command("upgrade", "Installs what is pending; a SQLite file is copied beside itself before.");
        upgrade.SetAction(result => Run(() =>
        {
            // The folder is held meanwhile: no server runs on a SQLite file that is being upgraded.
            using var folder = DataFolder.Take(result.GetRequiredValue(settings.DataFolder));
            return Upgrade(Options(result));
        }));
        var file = new Argument<FileInfo>("FILE") { Description = "A file that is not there yet." };
        var backup = new Command("backup", "Writes a copy of the database, as it is at one moment; servers may be running.") { file };
        backup.SetAction(result => Run(() => Backup(Options(result), result.GetRequiredValue(file))));
        return [new Command("schema", "The tables of the database.") { status, upgrade }, backup];

        DatabaseOptions Options(ParseResult result)
        {
            var read = settings.Read(result);
            foreach (var warning in read.Warnings) Console.Error.WriteLine(warning);
            return read.Database(DataFolder.DatabaseIn(result.GetRequiredValue(settings.DataFolder)));
        }
    }

    private static string Status(DatabaseOptions options)
    {
        RequireFile(options);
        var state = SchemaInstaller.Look(options);
        var text = $"""
            provider   {options.Provider}
            installed  {state.Version ?? "nothing"}
            pending    {(state.Pending.Count > 0 ? string.Join(", ", state.Pending) : "nothing")}
            """;
        Console.WriteLine(text);
        SchemaInstaller.RequireKnown(options, state);
        return "";
    }

    private static string Upgrade(DatabaseOptions options)
    {
        var scripts = SchemaInstaller.Upgrade(options);
        return scripts.Count > 0 ? $"installed {string.Join(", ", scripts)}" : "nothing is pending";
    }

    private static string Backup(DatabaseOptions options, FileInfo named)
    {
        var file = named.FullName;
        var elsewhere = options.Provider switch
        {
            DatabaseProvider.Sqlite => null,
            DatabaseProvider.PostgreSql => $"PostgreSQL is backed up by its own program: {PgDump.CommandFor(options, file)}",
            // The path is a path of another machine, perhaps of another system.
            DatabaseProvider.SqlServer =>
                $"SQL Server writes its backups itself, to its own disk: {SqlServerHowTo.BackUp(options, named.ToString())}",
        };
        if (elsewhere is not null) throw new SetupException(elsewhere);
        RequireFile(options);
        DatabaseBackup.Write(options, file);
        return $"{file} is a copy of the database; to restore it, stop the server and put it in the place of "
            + $"{DatabaseBackup.FileOf(options)}";
    }

    private static void RequireFile(DatabaseOptions options)
    {
        if (options.Provider == DatabaseProvider.Sqlite && !File.Exists(DatabaseBackup.FileOf(options)))
        {
            throw new SetupException($"There is no database {DatabaseBackup.FileOf(options)}: name its folder with --data-folder");
        }
    }

    private static int Run(Func<string> command)
    {
        try
        {
            var text = DatabaseSetup.Reach(command);
            if (text.Length > 0) Console.WriteLine(text);
            return 0;
        }
        catch (SetupException exception)
        {
            Console.Error.WriteLine(exception.Message);
            return 1;
        }
    }
}

/// <summary>How PostgreSQL's own program backs a database up.</summary>
internal static class PgDump
{
    /// <summary>The command, without the password: pg_dump asks for it, or reads it from ~/.pgpass.</summary>
    public static string CommandFor(DatabaseOptions options, string file)
    {
        var connection = new NpgsqlConnectionStringBuilder(options.ConnectionString);
        return $"pg_dump --format=custom --host={connection.Host} --port={connection.Port} --username={connection.Username}"
            + $" --file={file} {connection.Database}";
    }
}

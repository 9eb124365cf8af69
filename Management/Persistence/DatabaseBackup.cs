using Microsoft.Data.Sqlite;

namespace PciBus.Management.Persistence;

/// <summary>Makes copies of a SQLite database, as it is at one moment, while it is in use.</summary>
internal static class DatabaseBackup
{
    public static string FileOf(DatabaseOptions options) => new SqliteConnectionStringBuilder(options.ConnectionString).DataSource;

    /// <exception cref="SchemaException">The file is there already, or cannot be written.</exception>
    public static void Write(DatabaseOptions options, string file)
    {
        if (File.Exists(file)) throw new SchemaException($"{file} is there already: name a new file");
        try
        {
            using var connection = new SqliteConnection(options.ConnectionString);
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "VACUUM INTO $file";
            command.Parameters.AddWithValue("$file", file);
            command.ExecuteNonQuery();
        }
        catch (SqliteException exception)
        {
            throw new SchemaException($"{file} cannot be written: {exception.Message}", exception);
        }
    }

    /// <summary>Copies the database to a new file beside it, named after the version that it has.</summary>
    /// <returns>The file.</returns>
    public static string BesideItself(DatabaseOptions options, string version)
    {
        var name = $"{FileOf(options)}.{Path.GetFileNameWithoutExtension(version)}";
        var file = name;
        for (var number = 2; File.Exists(file); number++) file = $"{name}.{number}";
        Write(options, file);
        return file;
    }
}

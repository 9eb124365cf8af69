using Microsoft.Data.Sqlite;
using PciBus.Management.Persistence;

namespace PciBus.Tests.Simulation.Product;

/// <summary>The database every seed begins with: the schema, offerings and a template; made once per process.</summary>
internal static class DatabaseTemplate
{
    private static readonly Lazy<byte[]> Content = new(Make);

    /// <summary>Where seeds keep their files: in memory where the machine has such a place.</summary>
    public static string Root { get; } = Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath();

    /// <summary>Devices that offerings ask for; the third and the seventh want the tag gold, and the sixth is not migrated.</summary>
    public static IReadOnlyList<string> Offerings { get; } =
        ["", "10GE", "10GE", "10GE,10GE", "GPU", "GPU,10GE", "NVME,10GE,10GE", "GPU,NVME"];

    public static void CopyTo(string path) => File.WriteAllBytes(path, Content.Value);

    private static byte[] Make()
    {
        var folder = Path.Combine(Root, $"pcibus-simulation-{Guid.NewGuid():N}");
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, "template.db");
        SchemaInstaller.Upgrade(new DatabaseOptions(DatabaseProvider.Sqlite, $"Data Source={path};Pooling=False"));
        using (var connection = new SqliteConnection($"Data Source={path};Pooling=False"))
        {
            connection.Open();
            Execute(connection, """
                INSERT INTO vm_template VALUES
                    (1, 'B4F1F1C0-6C1A-4C7B-9B0E-6B1D6A1B0004', 'linux', 'linux', 'http://templates/linux', 'QCOW2', 'KVM', 1, 1, '2030-01-01 00:00:00', NULL);
                """);
            foreach (var (index, names) in Offerings.Index()) Execute(connection, Offering(index + 1, names));
            // What the relay must send, for a judge that does not ask the relay. Rows are gone as soon as they are sent.
            Execute(connection, """
                CREATE TABLE outbox_seen (number INTEGER PRIMARY KEY AUTOINCREMENT, destination TEXT, body TEXT);
                CREATE TRIGGER outbox_inserted AFTER INSERT ON outbox_message
                    BEGIN INSERT INTO outbox_seen (destination, body) VALUES (NEW.destination, NEW.body); END;
                """);
            Execute(connection, "PRAGMA wal_checkpoint(TRUNCATE);");
        }

        var content = File.ReadAllBytes(path);
        Directory.Delete(folder, recursive: true);
        return content;
    }

    private static string Offering(int id, string names) => $"""
        INSERT INTO service_offering (
            id, uuid, name, display_text, state, cpu, speed, ram_size, host_tags, ha_enabled, pci_devices, details, domain_id, created, pci_migration)
        VALUES
            ({id}, 'B4F1F1C0-6C1A-4C7B-9B0E-6B1D6A1B01{id:d2}', 'offering{id}', 'offering{id}', 'Active', {1 + (id % 3)}, 2000, {1024 * (1 + (id % 4))},
             '{(id % 4 == 3 ? "gold" : "")}', {id % 2}, '{names}', '', NULL, '2030-01-01 00:00:00', '{(id == 6 ? "Forbid" : "DetachAttach")}');
        """;

    private static void Execute(SqliteConnection connection, string text)
    {
        using var command = connection.CreateCommand();
        command.CommandText = text;
        command.ExecuteNonQuery();
    }
}

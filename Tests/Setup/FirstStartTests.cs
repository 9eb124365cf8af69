using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using PciBus.Management.Accounts;
using PciBus.Management.Hosts;
using PciBus.Management.Persistence;
using PciBus.Management.Setup;
using PciBus.Management.Workflows;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Setup;

/// <summary>Who gets to make admin's keys, and what becomes of them.</summary>
public sealed class FirstStartTests : IDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;
    private readonly SqliteDatabase _database = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("pcibus-first").FullName;

    public void Dispose()
    {
        _database.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Of_several_servers_one_makes_the_keys_and_all_can_use_them()
    {
        var key = SecretKeyFile.Read(_folder, _ => null);
        var starts = Enumerable.Range(0, 4).Select(async server =>
        {
            using var console = new StringWriter();
            await StartAsync(Directory.CreateDirectory(Path.Combine(_folder, $"{server}")).FullName, key, console);
            return console.ToString();
        });
        var printed = Assert.Single(await Task.WhenAll(starts), text => text.Length > 0);

        var file = Assert.Single(Directory.GetFiles(_folder, "*", SearchOption.AllDirectories), path => !path.EndsWith("secret-key", StringComparison.Ordinal));
        Assert.Equal(FirstStart.FileName, Path.GetFileName(file));
        var text = await File.ReadAllTextAsync(file, None);
        Assert.Contains(text, printed, StringComparison.Ordinal);
        var made = text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('=')).ToDictionary(pair => pair[0], pair => pair[1]);
        Assert.Equal(["username", "password", "apikey", "secretkey"], made.Keys);

        await using var services = Services(key);
        await using var scope = services.CreateAsyncScope();
        var holder = await scope.ServiceProvider.GetRequiredService<UserKeyManager>().FindAsync(made["apikey"], None);
        Assert.Equal(("admin", made["secretkey"], true, Caller.Admin), (holder!.Username, holder.SecretKey, holder.MayCall, holder.Caller));
        using var database = _database.Open();
        Assert.True(PasswordHash.IsOf(made["password"], database.Set<User>().Single().Password!));
    }

    [Fact]
    public async Task Machines_that_read_the_console_are_shown_no_secret()
    {
        await StartAsync(_folder, SecretKeyFile.Read(_folder, _ => null), null);
        Assert.True(File.Exists(Path.Combine(_folder, FirstStart.FileName)));
    }

    [Fact]
    public async Task A_server_with_another_key_does_not_start()
    {
        await StartAsync(_folder, SecretKeyFile.Read(_folder, _ => null), null);
        var error = await Assert.ThrowsAsync<SetupException>(() => StartAsync(_folder, new byte[SecretCipher.KeyBytes], null));
        Assert.Contains("give that key to all servers as PCIBUS_SECRET_KEY", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_key_is_the_environment_s_else_a_file_of_its_owner()
    {
        var key = SecretKeyFile.Read(_folder, _ => null);
        Assert.Equal(key, SecretKeyFile.Read(_folder, _ => null));
        var file = Path.Combine(_folder, SecretKeyFile.FileName);
        FileRights.AreTheOwnersAlone(file);

        var other = new byte[SecretCipher.KeyBytes];
        Assert.Equal(other, SecretKeyFile.Read(_folder, name => name == "PCIBUS_SECRET_KEY" ? Convert.ToBase64String(other) : null));
        var error = Assert.Throws<SetupException>(() => SecretKeyFile.Read(_folder, _ => "too short"));
        Assert.Equal("PCIBUS_SECRET_KEY is not a key: 32 random bytes in base64 are, as openssl rand -base64 32 prints them", error.Message);
        File.WriteAllText(file, "");
        Assert.Throws<SetupException>(() => SecretKeyFile.Read(_folder, _ => null));
    }

    [Fact]
    public void The_key_may_stand_in_a_file_that_the_environment_names()
    {
        var key = new byte[SecretCipher.KeyBytes];
        var file = Path.Combine(_folder, "mounted");
        File.WriteAllText(file, Convert.ToBase64String(key) + "\n");
        Assert.Equal(key, SecretKeyFile.Read(_folder, name => name == "PCIBUS_SECRET_KEY_FILE" ? file : null));
        Assert.False(File.Exists(Path.Combine(_folder, SecretKeyFile.FileName)));

        var missing = Path.Combine(_folder, "missing");
        var error = Assert.Throws<SetupException>(() => SecretKeyFile.Read(_folder, name => name == "PCIBUS_SECRET_KEY_FILE" ? missing : null));
        Assert.StartsWith($"PCIBUS_SECRET_KEY_FILE names {missing}, which cannot be read: ", error.Message, StringComparison.Ordinal);
    }

    private async Task StartAsync(string folder, byte[] key, TextWriter? console)
    {
        await using var services = Services(key);
        await FirstStart.RunAsync(services, folder, NullLogger.Instance, console, None);
    }

    private ServiceProvider Services(byte[] key) => new ServiceCollection()
        .AddLogging()
        .AddSingleton<TimeProvider>(new FakeTimeProvider())
        .AddSingleton<IMessageSender, RecordingSender>()
        .AddDatabase(_database.Options)
        .CollectCommands()
        .AddCapabilities(new HostOptions { Admission = HostAdmission.Open }, new WorkflowOptions())
        .AddSignatures(new SecretCipher(key))
        .BuildServiceProvider();
}

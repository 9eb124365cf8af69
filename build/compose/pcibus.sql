-- Run by the administrator of the server, once: the database and its owner. $(password) comes from sqlcmd.
IF DB_ID(N'pcibus') IS NULL CREATE DATABASE pcibus COLLATE Latin1_General_100_BIN2;
GO
ALTER DATABASE pcibus SET READ_COMMITTED_SNAPSHOT ON WITH ROLLBACK IMMEDIATE;
GO
IF SUSER_ID(N'pcibus') IS NULL CREATE LOGIN pcibus WITH PASSWORD = N'$(password)', DEFAULT_DATABASE = pcibus;
GO
USE pcibus;
GO
IF USER_ID(N'pcibus') IS NULL CREATE USER pcibus FOR LOGIN pcibus;
GO
ALTER ROLE db_owner ADD MEMBER pcibus;
GO
